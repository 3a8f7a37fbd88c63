/** A document as the reader wrote it down (`salon.intake.documents.codec`); sums are roubles. */

/** Page from 0, then left, top, right and bottom as fractions of its picture. */
export type BoxJson = number[];

interface Notes {
  confidence: Record<string, number>;
  field_flags: Record<string, string[]>;
  boxes: Record<string, BoxJson>;
  flags: string[];
}

export interface ItemJson extends Notes {
  n: number;
  name: string;
  unit: string;
  qty: number | null;
  price: number | null;
  sum: number | null;
  vat_rate: number | null;
  vat: number | null;
  sum_vat: number | null;
  accepted: boolean;
}

export interface DocumentJson extends Notes {
  doc_type: string;
  number: string | null;
  date: string | null;
  supplier: { name: string; inn: string | null };
  items: ItemJson[];
  total: number | null;
  vat_total: number | null;
  full_text: string;
  pages: { width: number; height: number; turned: number; seconds: number }[];
  source: string;
  engine: string;
  engine_version: string;
  reader_version: string;
}

/** Kopecks of a sum that came as roubles. */
export const kopecks = (roubles: number | null): number | null => (roubles === null ? null : Math.round(roubles * 100));
