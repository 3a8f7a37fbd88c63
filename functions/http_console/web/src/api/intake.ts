/** Uploads, jobs and results: the calls, in the words of the pages. */
import { account, once, told } from "./client";
import type { DocumentJson } from "./document";
import type { Page } from "../hooks/usePages";
import type { components } from "./generated/account";
import type { UploadForm } from "./upload";

type Schemas = components["schemas"];
export type Job = Schemas["JobOut"];

export interface Result extends Omit<Schemas["ResultOut"], "document"> {
  document: DocumentJson;
}

export const MOST_ATTEMPTS = 3;

export const isOver = (job: Job): boolean => job.status === "done" || job.status === "failed";

export interface Announced {
  jobId: string;
  form: UploadForm;
}

export async function announce(file: File, contentType: string): Promise<Announced> {
  const body = { file_name: file.name.slice(-200), content_type: contentType, size: file.size };
  const made = await told(account.POST("/v1/uploads", { body, params: { header: once() } }));
  if (!made.form) throw new Error("An announced file gets a form.");
  return { jobId: made.job_id, form: made.form };
}

export const getJob = (id: string): Promise<Job> =>
  told(account.GET("/v1/jobs/{job_id}", { params: { path: { job_id: id } } }));

export async function listJobs(cursor: string | null): Promise<Page<Job>> {
  const query = { limit: 20, ...(cursor ? { cursor } : {}) };
  const { jobs, next_cursor } = await told(account.GET("/v1/jobs", { params: { query } }));
  return { items: jobs, next_cursor };
}

export const retryJob = (id: string): Promise<Job> =>
  told(account.POST("/v1/jobs/{job_id}/retry", { params: { path: { job_id: id }, header: once() } }));

/** The document's shape is the reader's own (`DocumentJson`); the API's document calls it an object. */
export async function getResult(id: string): Promise<Result> {
  const found = await told(account.GET("/v1/results/{result_id}", { params: { path: { result_id: id } } }));
  return { ...found, document: found.document as unknown as DocumentJson };
}
