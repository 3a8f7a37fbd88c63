/** A file on its way into the bucket, by the form that the API signed. `fetch` cannot tell how far it is: hence XHR. */
import { Unreachable } from "./errors";

export interface UploadForm {
  url: string;
  fields: Record<string, string>;
}

/** The bucket did not take it: the form expired, or the file is not what was announced. */
export class BucketRefused extends Error {}

export function sendFile(
  form: UploadForm,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append("file", file); // the last one: what follows it is not looked at
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new BucketRefused(String(request.status)));
    });
    request.addEventListener("error", () => reject(new Unreachable("upload")));
    request.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", form.url);
    request.send(body);
  });
}
