/** What the API refuses, as an error with the problem document's words (RFC 9457), and in a person's words. */

export interface Problem {
  code: string;
  status: number;
  detail?: string | null | undefined;
  request_id?: string | undefined;
  errors?: { loc?: unknown[]; msg?: string }[] | null | undefined;
}

export class ApiError extends Error {
  readonly problem: Problem;
  readonly retryAfterS: number | null;

  constructor(problem: Problem, retryAfterS: number | null = null) {
    super(problem.code);
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }
}

/** The answer never came. */
export class Unreachable extends Error {}

const BY_CODE: Readonly<Record<string, string>> = {
  EMAIL_TAKEN: "С этой почтой уже зарегистрировались. Войдите.",
  EMAIL_INVALID: "Проверьте почту: в адресе опечатка.",
  LOGIN_REFUSED: "Почта или пароль не подошли.",
  PASSWORD_UNSUITABLE: "Такой пароль не подойдёт: нужно хотя бы 10 знаков, и не самых очевидных.",
  PERMISSION_DENIED: "На это у вас нет прав. Спросите владельца салона.",
  SESSION_REVOKED: "Сеанс закончился. Войдите ещё раз.",
  FILE_TOO_LARGE: "Файл слишком большой.",
  FILE_TYPE_NOT_TAKEN: "Такой файл не прочитать: подойдут фото, PDF и XML.",
  JOB_HAS_NO_FILE: "Файл до нас не дошёл. Загрузите его ещё раз.",
  JOB_NOT_FAILED: "Повторять нечего: документ читается или уже прочитан.",
  JOB_SUPERSEDED: "Этот файл загрузили ещё раз: смотрите новую загрузку.",
  COUNT_EXPIRED: "Этот пересчёт просрочен. Начните новый.",
  COUNTERS_COMPLETE: "Этот пересчёт уже считают двое.",
  COUNT_UNSETTLED: "Двое насчитали разное: пересчитайте отмеченное или закройте без него.",
  SECOND_LOOK_NOT_YOURS:
    "Двое насчитали разное. Решает управляющий или владелец, который сам это не считал, — или пересчитайте вдвоём, пока не сойдётся.",
  COUNT_EMPTY: "Ещё ничего не посчитано.",
  COUNT_OUTDATED: "После пересчёта что-то изменилось задним числом. Откройте его снова.",
  COUNT_NOT_OPEN: "Этот пересчёт уже закрыт.",
  ENTRY_SENSELESS: "Столько быть не может. Проверьте число.",
  INVOICE_NOT_FOUND: "Такой накладной нет.",
  INVOICE_SETTLED: "Эту накладную уже провели или отклонили. Обновите страницу.",
  INVOICE_OUTDATED: "Накладную только что изменил кто-то ещё. Обновите страницу.",
  INVOICE_INCOMPLETE: "Не все строки проверены.",
  INVOICE_EMPTY: "Приходовать нечего: все строки исключены.",
  INVOICE_DUPLICATE: "Такая накладная уже есть.",
  INVOICE_DIFFERS: "Строки не сходятся с итогом.",
  INVOICE_COUNTED: "Пересчёт уже исправил остатки этих товаров: при отмене они спишутся второй раз. Сначала отмените пересчёт.",
  INVOICE_PREDATES_COUNT: "Эти товары пересчитали уже после даты накладной. Обновите страницу и посмотрите, что там сказано.",
  INVOICE_STILL_STANDS: "По этому документу уже есть накладная.",
  LINE_SENSELESS: "Так в строке быть не может. Проверьте, что введено.",
  HEADER_SENSELESS: "Так в документе быть не может. Проверьте ИНН и сумму.",
  ITEM_NOT_FOUND: "Этого товара больше нет.",
  ITEM_NAME_TAKEN: "Товар с таким названием уже есть: выберите его из списка.",
  NOT_ENOUGH_STOCK: "На складе столько нет.",
  NOT_ENOUGH_IN_BATCH: "Из этой партии столько не осталось.",
  MOVEMENT_NOT_FOUND: "Такого движения нет.",
  ALREADY_REVERSED: "Это уже отменили. Обновите страницу.",
  MOVED_AND_COUNTED: "Пересчёт с тех пор уже исправил остаток: при отмене товар учтётся второй раз. Сначала отмените пересчёт.",
  INVITATION_INVALID: "Это приглашение уже не действует. Попросите новое.",
  USER_INACTIVE: "Этому человеку закрыли доступ.",
  LAST_OWNER: "Это единственный владелец: без него салоном никто не сможет управлять.",
  NOT_YOURSELF: "Себе доступ не закрывают: это сделает другой владелец или администратор.",
  USER_NOT_FOUND: "Такого человека здесь нет. Обновите страницу.",
  ROLE_NOT_YOURS: "Владельца приглашает и меняет только владелец.",
  ROLE_UNSUITABLE: "Мастеру нужно расписание: выберите, чьё.",
  JOB_NOT_FOUND: "Такой загрузки нет.",
  RESULT_NOT_FOUND: "Такого документа нет.",
  RESULT_CLOSED: "В документе закупочные цены. Их сутки видит тот, кто его загрузил, а потом — владелец салона и администратор системы.",
  VALIDATION_FAILED: "Проверьте, что введено.",
  IDEMPOTENCY_KEY_REUSED: "Этот запрос уже отправлен с другими данными. Обновите страницу.",
};

const BY_STATUS: Readonly<Record<number, string>> = {
  400: "Так не получится.",
  401: "Войдите, чтобы продолжить.",
  403: "На это у вас нет прав. Спросите владельца салона.",
  404: "Этого здесь нет. Возможно, удалили.",
  409: "Кто-то успел раньше: обновите страницу и посмотрите, что изменилось.",
  413: "Файл слишком большой.",
  422: "Проверьте, что введено.",
  429: "Слишком часто. Подождите немного и повторите.",
  503: "Сервис сейчас не отвечает. Повторите через минуту.",
};

/** What a person is told. */
export function inWords(error: unknown): string {
  if (error instanceof Unreachable) return "Нет связи. Проверьте интернет и повторите.";
  if (!(error instanceof ApiError)) return "Что-то сломалось у нас. Повторите чуть позже.";
  const { code, status } = error.problem;
  const wait = error.retryAfterS ? ` Можно через ${error.retryAfterS} с.` : "";
  return (BY_CODE[code] ?? BY_STATUS[status] ?? "Что-то сломалось у нас. Повторите чуть позже.") + wait;
}

/** What to quote when asking us about it; null when nobody needs to. */
export function quoteOf(error: unknown): string | null {
  return error instanceof ApiError && error.problem.status >= 500 ? (error.problem.request_id ?? null) : null;
}
