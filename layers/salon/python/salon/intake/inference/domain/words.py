"""Words of the trade, by what they speak for: the beginnings of words, Russian and English.

A word may speak for several categories; how much each counts, the model has learned.
"""

from __future__ import annotations

from functools import lru_cache

from salon.intake.inference.domain.names import twinless
from salon.intake.inference.domain.values import Category

_SPEAKS_FOR: dict[Category, str] = {
    Category.HAIR_DYE: "краска красит крем-краск краск колор color colour dye permanent перманентн полуперманент тон "
    "тонир тонер оттен пигмент микстон корректор осветляющ суперблонд аммиа безаммиа седин блонд русый русая шатен "
    "пепельн махагон toner tint",
    Category.OXIDANT: "окисл окси оксид оксиг оксикрем оксидант активатор проявител эмульси oxid oxy developer perox "
    "перекис пероксид vol",
    Category.BLEACH: "обесцв блонд осветл блондир блондер порошок пудра bleach lighten powder супра мелирован декапир "
    "смывка балаяж клей-глина deco lightener",
    Category.SHAMPOO: "шампун шамп shampoo бессульф безсульф хелат перхот champu",
    Category.CONDITIONER: "бальзам кондицион ополаскив conditioner балсам смываем balsam balm",
    Category.HAIR_MASK: "маска маск mask masque реконструктор mascara-волос",
    Category.HAIR_CARE: "сыворот спрей масло флюид эликсир ампул термозащ кристалл несмываем лосьон кончик филлер "
    "выпаден рост волос serum oil leave тоник концентрат секущ двухфазн локон fluid elixir ampoule",
    Category.HAIR_TREATMENT: "кератин ботокс нанопласт аминопласт завивк химзавив перманент нейтрализат фиксаж "
    "биозавив выпрямл коллаген ламинир экранир разглаж бондер plex плекс keratin botox perm биксипласт реконструкц "
    "долговремен кислотн",
    Category.STYLING: "лак укладк мусс пена стайл фиксац воск паста глин помад помада-мужск текстур солев объем "
    "прикорнев hairspray spray mousse styling wax clay pomade фиксатор блеск экстрасильн гель",
    Category.GEL_POLISH: "гель-лак гельлак шеллак shellac кошач магнитн светоотраж термо gel-polish неон витраж polish "
    "шиммер",
    Category.NAIL_BASE_TOP: "база топ праймер дегидрат базов каучук камуфл ультрабонд бондер base top primer "
    "dehydrator ultrabond rubber coat липк финиш финишн бескислот coating ногт",
    Category.NAIL_MODELLING: "наращив полигел акригел акрил моделир скульптурн builder poly acryl типс форм мономер "
    "слайдер стразы страз втирк паутинк гель-краск дизайн фольга-перев",
    Category.NAIL_POLISH: "лак ногт стемпинг эмаль маникюрн varnish nail укрепит недельн сушка",
    Category.NAIL_CARE: "кутикул снят обезжирив клинсер ацетон ремувер cuticle remover cleanser размягчит "
    "кератолит липк педикюр ногт acetone degreas масло снятие щелочн",
    Category.LASHES: "ресниц реснич lash eyelash изгиб наращив валик микробраш клей пучк",
    Category.BROWS: "бров brow хна henna тридинг долговремен",
    Category.DEPILATION: "депил шугар эпил воск сахарн картридж полоск hot-wax тальк вросш врастан гранул азулен sugar "
    "depil waxing расплав",
    Category.SKIN_CARE: "крем лиц тело тела рук ног стоп скраб пилинг сыворотк умыв молочк мицелл обертыв парафин "
    "соль душ массаж тоник увлажн гиалурон патч face skin body hand foot scrub cream пенка spf бритья загар альгинат "
    "тканев губ ванночк гидрогел контактн солнцезащ",
    Category.MAKEUP: "тональн помада тушь румян тени консил хайлайт подводк блеск makeup макияж lipstick mascara "
    "foundation бронзер тинт глиттер карандаш палетк губ",
    Category.DISPOSABLES: "однораз простын салфет полотен воротнич шапоч пеньюар бахил тапоч фольга спанбонд спанлейс "
    "ватн вата палочк шпател носоч трус стринг накидк фартук безворс пленк маски-медиц термобум чехл коврик "
    "подголов стаканч апельсинов губк медицинск трехслойн disposable",
    Category.GLOVES: "перчат перч glove нитрил nitril латекс винил неопудр опудр нестерил смотров",
    Category.DISINFECTANT: "дез дезинф дезсред антисепт стерил предстерил спирт хлор хлоргекс disinfect крафт-пакет "
    "индикатор замачив антибакт перекис изопропил санит sept",
    Category.TOOLS: "ножниц расчес щетка щетк браш брашинг кист миска зажим кусач пилк баф пушер фреза фрез пинцет "
    "бигуди коклюш распылит шейкер лезви терка лопатк scissors гребен насадк помпа венчик бритв палитр пульвериз "
    "весы зеркал подставк шаветт comb brush clipper-guard мерн дозатор инструмент накладк",
    Category.EQUIPMENT: "фен машинк триммер лампа аппарат утюж плойк воскоплав сухожар вытяжк кресл мойк тележк кушет "
    "климаз сушуар стерилизатор ванна-параф дайсон стул стол щипц вапориз автоклав шейвер dryer trimmer lamp ванночк "
    "об/мин вт гидромасс нагреват рециркул аккумул",
    Category.RETAIL: "подар сертификат резинк заколк косметичк духи парфюм туалетн-вод свеч ободок диффузор невидим "
    "шпильк бомбочк мочал повязк тюрбан пробник perfume parfum toilette gift краб миниатюр аромат календар дорожн",
    Category.HOUSEHOLD: "бумага туалетн мешк мусор мытья посуд стирал кофе чай вода ручка кассов печень сахар сливк "
    "батарейк лампоч швабр хозяйств белья освежит отбелив степлер конфет сантехник стекол уборк пола журнал",
    Category.OTHER: "доставк услуг транспорт тара обучен семинар скидк каталог реклам стенд стойк аренд упаковк залог "
    "комисси абонент ремонт страхов погруз билет",
}
_SHORTEST_FUZZY = 6


def families_of(word: str) -> tuple[str, ...]:
    """What a word speaks for: by the longest beginning that is known, a long one with one letter wrong as well.

    Args:
        word: in lower case and in one alphabet (`names.twinless`).
    """
    known, near = _index()
    for size in range(len(word), 1, -1):
        found = known.get(word[:size])
        if found and (size > 3 or size == len(word)):  # noqa: PLR2004 - a short beginning only as a whole word
            return found
    for size in range(min(len(word), 12), _SHORTEST_FUZZY - 1, -1):
        start = word[:size]
        for shorter in (start, *(start[:at] + start[at + 1 :] for at in range(size))):
            if found := near.get(shorter):
                return found
    return ()


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Families by beginnings, and by long beginnings with a letter left out."""
    known: dict[str, tuple[str, ...]] = {}
    for category, starts in _SPEAKS_FOR.items():
        for start in starts.split():
            folded = twinless(start)
            known[folded] = (*known.get(folded, ()), category.value)
    near: dict[str, tuple[str, ...]] = {}
    for start, families in sorted(known.items()):
        if len(start) >= _SHORTEST_FUZZY:
            for at in range(len(start)):
                near.setdefault(start[:at] + start[at + 1 :], families)
    return known, near
