/** Small letters, «е» for «ё», as the server compares names. */
const plain = (text: string): string => text.toLowerCase().replaceAll("ё", "е");

/** Those in whose name every word of the query begins a word, or stands at least somewhere; the former first. */
export function searchNames<T extends { name: string }>(all: readonly T[], query: string, most: number): T[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const found = all
    .map((one) => ({ one, name: plain(one.name) }))
    .filter(({ name }) => words.every((word) => name.includes(word)));
  const begins = (name: string) => words.every((word) => ` ${name}`.includes(` ${word}`));
  return [...found.filter(({ name }) => begins(name)), ...found.filter(({ name }) => !begins(name))]
    .slice(0, most)
    .map(({ one }) => one);
}
