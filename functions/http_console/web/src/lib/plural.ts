const RULES = new Intl.PluralRules("ru");

/** `3 строки`: the number with the form of its noun for one, a few and many. */
export function plural(count: number, one: string, few: string, many: string): string {
  const forms: Partial<Record<Intl.LDMLPluralRule, string>> = { one, few };
  return `${count}\u00a0${forms[RULES.select(count)] ?? many}`;
}
