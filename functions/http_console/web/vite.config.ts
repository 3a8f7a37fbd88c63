import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The gateway serves the console below /console/ and the API beside it; `npm run dev` stands before a running demo.
const api = process.env.SALON_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/console/",
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy of the page allows no data: URLs but for pictures
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": api, "/admin/v1": api } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
