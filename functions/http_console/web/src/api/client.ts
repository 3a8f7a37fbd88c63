/** The API behind the gateway, typed by its OpenAPI documents; signs requests and renews the access token. */
import createClient from "openapi-fetch";
import { ApiError, type Problem, Unreachable } from "./errors";
import type { paths as AccountPaths } from "./generated/account";
import type { paths as AdminPaths } from "./generated/admin";
import type { paths as BookingPaths } from "./generated/booking";
import { session } from "./session";

const visitors = createClient<BookingPaths>({ baseUrl: "" });

let renewing: Promise<boolean> | null = null;

/** New tokens for this session, once however many requests ask; whether there are any. */
function renew(): Promise<boolean> {
  renewing ??= renewOnce().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function renewOnce(): Promise<boolean> {
  const renewalToken = session.get()?.renewalToken;
  if (!renewalToken) return false;
  const { data } = await visitors.POST("/v1/sessions/renew", { body: { renewal_token: renewalToken } });
  if (!data) return false;
  session.set({ accessToken: data.access_token, renewalToken: data.renewal_token });
  return true;
}

/** `fetch` with the token; whoever is no longer let in is signed out, and the page says so (`App`). */
async function signedFetch(request: Request): Promise<Response> {
  const send = () => {
    const attempt = request.clone();
    const token = session.get()?.accessToken;
    if (token) attempt.headers.set("Authorization", `Bearer ${token}`);
    return fetch(attempt);
  };
  const used = session.get();
  const answer = await send();
  if (answer.status !== 401 || !used) return answer;
  if (session.get() !== used || (await renew())) {
    const again = await send();
    if (again.status !== 401) return again;
  }
  session.set(null, "ended");
  return answer;
}

export const admin = createClient<AdminPaths>({ baseUrl: "", fetch: signedFetch });
export const account = createClient<AccountPaths>({ baseUrl: "", fetch: signedFetch });

/** The header of a request that changes something; the key makes its repeat harmless. */
export const once = (key: string = crypto.randomUUID()): { "Idempotency-Key": string } => ({ "Idempotency-Key": key });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the API answered; throws `ApiError` or `Unreachable`. */
export async function told<T>(asked: Promise<Answered<T>>): Promise<T> {
  let answer: Answered<T>;
  try {
    answer = await asked;
  } catch (error) {
    throw new Unreachable(String(error));
  }
  const { data, error, response } = answer;
  if (response.ok) return data as T;
  throw new ApiError(problemOf(error, response), Number(response.headers.get("Retry-After")) || null);
}

function problemOf(body: unknown, response: Response): Problem {
  if (typeof body === "object" && body !== null && "code" in body && typeof body.code === "string") {
    return body as Problem;
  }
  return { code: "UNKNOWN", status: response.status };
}
