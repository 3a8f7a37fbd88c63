// Writes src/api/generated from our OpenAPI documents; what the console calls is type-checked against them.
import { mkdir, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const APIS = ["account", "admin", "booking"];

await mkdir("src/api/generated", { recursive: true });
for (const api of APIS) {
  const document = new URL(`../../../shared/openapi/${api}.json`, import.meta.url);
  await writeFile(`src/api/generated/${api}.d.ts`, astToString(await openapiTS(document)));
}
