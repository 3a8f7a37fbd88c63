/** What may be uploaded; the server decides, this only saves a person the wait. */

export const MAX_BYTES = 20_000_000;
const TYPES: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  xml: "application/xml",
};
const SAME: Readonly<Record<string, string>> = { "text/xml": "application/xml", "image/jpg": "image/jpeg" };

export const ACCEPT = [...new Set(Object.values(TYPES)), ...Object.keys(TYPES).map((one) => `.${one}`)].join(",");

/** The content type to send; null for one that is not taken. Browsers leave the type of HEIC empty. */
export function contentTypeOf(file: { name: string; type: string }): string | null {
  const told = SAME[file.type] ?? file.type;
  if (Object.values(TYPES).includes(told)) return told;
  const ending = file.name.toLowerCase().split(".").pop() ?? "";
  return told === "" || told === "application/octet-stream" ? (TYPES[ending] ?? null) : null;
}

/** Why a file is not taken, in words; null when it is. */
export function refusalOf(file: { name: string; type: string; size: number }): string | null {
  if (contentTypeOf(file) === null) return "Такой файл не прочитать: подойдут фото, PDF и XML";
  if (file.size === 0) return "Файл пустой";
  if (file.size > MAX_BYTES) return `Файл больше ${showSize(MAX_BYTES)}`;
  return null;
}

/** `3,4 МБ`. */
export function showSize(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} КБ`;
  return `${(bytes / 1_000_000).toFixed(1).replace(".", ",").replace(",0", "")} МБ`;
}
