import { createBrowserRouter, Navigate, Outlet, RouterProvider, useLocation } from "react-router";
import { session } from "./api/session";
import { Layout } from "./components/Layout";
import { ButtonLink, Empty } from "./components/ui";
import { useSession } from "./hooks/useSession";
import { CountPage } from "./pages/CountPage";
import { CountsPage } from "./pages/CountsPage";
import { InvitationPage } from "./pages/InvitationPage";
import { InvoicePage } from "./pages/InvoicePage";
import { InvoicesPage } from "./pages/InvoicesPage";
import { ItemPage } from "./pages/ItemPage";
import { JobPage } from "./pages/JobPage";
import { ResultPage } from "./pages/ResultPage";
import { SignIn, SignUp } from "./pages/SignIn";
import { StockPage } from "./pages/StockPage";
import { UploadPage } from "./pages/UploadPage";
import { UsersPage } from "./pages/UsersPage";

/** Lets in whoever is signed in; the others sign in and come back to where they were. */
function Guarded() {
  const signedIn = useSession() !== null;
  const { pathname, search } = useLocation();
  if (signedIn) return <Outlet />;
  return <Navigate to="/signin" replace state={{ from: pathname + search, ended: session.wasCutOff() }} />;
}

function Nowhere() {
  return (
    <div className="mx-auto grid max-w-md gap-4 py-10">
      <Empty>Такой страницы нет.</Empty>
      <ButtonLink to="/upload">К загрузке</ButtonLink>
    </div>
  );
}

const router = createBrowserRouter(
  [
    { path: "/signin", element: <SignIn /> },
    { path: "/signup", element: <SignUp /> },
    { path: "/invitation", element: <InvitationPage /> },
    {
      element: <Guarded />,
      children: [
        {
          element: <Layout />,
          children: [
            { index: true, element: <Navigate to="/upload" replace /> },
            { path: "upload", element: <UploadPage /> },
            { path: "jobs/:jobId", element: <JobPage /> },
            { path: "results/:resultId", element: <ResultPage /> },
            { path: "invoices", element: <InvoicesPage /> },
            { path: "invoices/:invoiceId", element: <InvoicePage /> },
            { path: "stock", element: <StockPage /> },
            { path: "stock/:itemId", element: <ItemPage /> },
            { path: "counts", element: <CountsPage /> },
            { path: "counts/:countId", element: <CountPage /> },
            { path: "users", element: <UsersPage /> },
            { path: "*", element: <Nowhere /> },
          ],
        },
      ],
    },
  ],
  { basename: "/console" },
);

export const App = () => <RouterProvider router={router} />;
