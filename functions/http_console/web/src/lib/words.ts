/** The API's words in a person's. What is not known here is shown as it came, so that nothing is hidden. */

const FLAGS: Readonly<Record<string, string>> = {
  derived_quantity: "количество вычислено из суммы и цены",
  derived_price: "цена вычислена из суммы и количества",
  derived_sum: "сумма вычислена",
  corrected: "цифра исправлена по арифметике",
  arithmetic_mismatch: "количество × цена не равно сумме",
  incomplete: "не хватает количества, цены или суммы",
  alternative_reading: "можно прочитать и иначе",
  name_unsure: "название прочитано неуверенно",
  unit_unsure: "единица прочитана неуверенно",
  number_unsure: "номер прочитан неуверенно",
  date_unsure: "дата прочитана неуверенно",
  inn_invalid: "ИНН не проходит проверку",
  supplier_unsure: "поставщик прочитан неуверенно",
  total_mismatch: "суммы строк не сходятся с итогом",
  total_missing: "итог не найден",
  total_unsure: "итог прочитан неуверенно",
  words_mismatch: "сумма прописью не равна итогу",
  qr_mismatch: "код чека говорит другое",
  unverified: "больше ничем не подтверждено",
  lines_missing: "похоже, прочитаны не все строки",
  sum_off: "количество × цена не равно сумме",
  vat_off: "сумма и НДС не складываются",
  price_jumped: "цена заметно отличается от прежней",
  expired: "срок годности уже вышел",
};

const KINDS: Readonly<Record<string, string>> = {
  torg12: "Товарная накладная (ТОРГ-12)",
  upd: "УПД",
  sales_receipt: "Товарный чек",
  cash_receipt: "Кассовый чек",
  unknown: "Документ",
};

const SOURCES: Readonly<Record<string, string>> = {
  xml: "электронный документ",
  pdf_text: "PDF с текстом",
  qr: "код чека",
  scan: "скан",
  photo: "фото",
};

const UNITS: Readonly<Record<string, string>> = { g: "г", ml: "мл", pcs: "шт" };

const MOVEMENTS: Readonly<Record<string, string>> = {
  receipt: "Приход",
  consumption: "Расход на услугу",
  transfer_out: "Перемещение: ушло",
  transfer_in: "Перемещение: пришло",
  write_off: "Списание",
  correction: "Исправление",
  reversal: "Отмена",
};

const REASONS: Readonly<Record<string, string>> = {
  expired: "Вышел срок",
  damaged: "Испорчено или разбито",
  lost: "Потеряно",
  used_uninvoiced: "Ушло, а записать забыли",
  other: "Другое",
};

/** The model's kinds of things; a salon's own stand as they were written. */
const CATEGORIES: Readonly<Record<string, string>> = {
  hair_dye: "Краска для волос",
  oxidant: "Оксид",
  bleach: "Осветление",
  shampoo: "Шампунь",
  conditioner: "Кондиционер",
  hair_mask: "Маска для волос",
  hair_care: "Несмываемый уход",
  hair_treatment: "Процедуры для волос",
  styling: "Укладка",
  gel_polish: "Гель-лак",
  nail_base_top: "База и топ",
  nail_modelling: "Наращивание ногтей",
  nail_polish: "Лак",
  nail_care: "Уход за ногтями",
  lashes: "Ресницы",
  brows: "Брови",
  depilation: "Депиляция",
  skin_care: "Уход за кожей",
  makeup: "Макияж",
  disposables: "Одноразовое",
  gloves: "Перчатки",
  disinfectant: "Дезинфекция",
  tools: "Инструменты",
  equipment: "Оборудование",
  retail: "На продажу",
  household: "Хозяйственное",
  other: "",
};

const ROLES: Readonly<Record<string, string>> = {
  owner: "Владелец",
  admin: "Администратор системы",
  manager: "Управляющий",
  frontdesk: "Администратор салона",
  stylist: "Мастер",
};

const DRAFTS: Readonly<Record<string, string>> = {
  draft: "Ждёт проверки",
  open: "Ждёт проверки",
  confirmed: "Проведена",
  discarded: "Отклонена",
  reversed: "Отменена",
};

const COUNTS: Readonly<Record<string, string>> = {
  open: "Идёт",
  closed: "Сверяем",
  posted: "Проведён",
  reversed: "Отменён",
  cancelled: "Прекращён",
  expired: "Просрочен",
};

const HINTS: Readonly<Record<string, string>> = {
  swapped: "похоже, перепутан с соседним товаром",
  not_delivered: "похоже, по накладной пришло не всё",
  delivered_twice: "похоже, пришло дважды, а внесено один раз",
  packs_as_units: "похоже, упаковки внесены как штуки",
  units_as_packs: "похоже, штуки внесены как упаковки",
  packs: "целые упаковки: могли обсчитаться или переставить",
  visits_not_closed: "есть визиты, которые не отметили состоявшимися",
  visits_under_way: "во время пересчёта шли визиты",
  norm_not_linked: "норма расхода тогда не была привязана к товару",
  unbooked_visits: "столько уходит на несколько визитов без записи",
  actuals: "по факту расходуют больше нормы",
};

const look = (words: Readonly<Record<string, string>>) => (word: string) => words[word] ?? word;

export const flagWords = look(FLAGS);
export const kindWords = look(KINDS);
export const sourceWords = look(SOURCES);
export const unitWords = look(UNITS);
export const movementWords = look(MOVEMENTS);
export const reasonWords = look(REASONS);
export const categoryWords = look(CATEGORIES);
export const roleWords = look(ROLES);
export const countWords = look(COUNTS);
export const hintWords = (hint: string): string => HINTS[hint] ?? "";
export const draftWords = look(DRAFTS);

/** How sure the reader was. */
export function confidenceWords(confidence: number): string {
  const percent = `${Math.round(confidence * 100)}\u00a0%`;
  if (confidence >= 0.9) return `уверенно, ${percent}`;
  return confidence >= 0.6 ? `не совсем уверенно, ${percent}` : `неуверенно, ${percent}`;
}

/** First letter large. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
