/** Who of the salon comes into the console: the calls. */
import { account, admin, once, told } from "./client";
import type { components } from "./generated/admin";
import { session } from "./session";

type Schemas = components["schemas"];
export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type NewUser = Required<Pick<Schemas["UserBody"], "name" | "role" | "staff_id">>;

/** An owner is made by owners, and rarely: not here. */
export const ROLES: readonly Role[] = ["frontdesk", "manager", "admin", "stylist"];

export const getAccount = () => told(account.GET("/v1/account"));

/** Those who work here, and those who do not any more. */
export const listUsers = async (): Promise<User[]> =>
  (await told(admin.GET("/admin/v1/users", { params: { query: { include_inactive: true } } }))).items;

export const listStaff = async (): Promise<{ id: string; name: string }[]> =>
  (await told(admin.GET("/admin/v1/staff"))).items;

export const addUser = (body: NewUser): Promise<User> =>
  told(admin.POST("/admin/v1/users", { body, params: { header: once() } }));

/** They are out at once, wherever they are signed in, and in the messenger too. */
export const closeAccess = (userId: string): Promise<User> =>
  told(admin.DELETE("/admin/v1/users/{user_id}", { params: { path: { user_id: userId }, header: once() } }));

export const openAccess = (userId: string): Promise<User> =>
  told(admin.POST("/admin/v1/users/{user_id}/activate", { params: { path: { user_id: userId }, header: once() } }));

/** The address by which they choose a password. The token is in its fragment, which a browser sends to nobody. */
export async function inviteUser(userId: string, email: string): Promise<string> {
  const asked = account.POST("/v1/invitations", { body: { user_id: userId, email }, params: { header: once() } });
  return `${window.location.origin}/console/invitation#${(await told(asked)).token}`;
}

/** Whoever was invited is signed in. */
export async function acceptInvitation(token: string, password: string): Promise<void> {
  const answer = await told(account.POST("/v1/invitations/accept", { body: { token, password } }));
  session.set({ accessToken: answer.access_token, renewalToken: answer.renewal_token });
}
