"""What one piece of a message says for its neighbours too: «ламинирование бровей и ресниц» are two services."""

from itertools import pairwise

from salon.understanding.catalogue_index import Index
from salon.understanding.concepts import Vocabulary
from salon.understanding.service_hits import Hit


def with_shared(hits: list[Hit], index: Index, known: Vocabulary) -> list[Hit]:
    """Return the hits with copies of what was said once and meant twice, where the salon has both services.

    Args:
        hits: What the words stand for, in their context.
        index: The catalogue, taken apart.
        known: The lexicon.
    """
    hits = _with_shared_areas(_with_shared_deeds(hits, index, known), index, known)
    return _with_shared_kinds(hits, index, known)


def is_offered(keys: set[str], index: Index) -> bool:
    """Whether one way of calling a service has all of these."""
    return any(keys <= alias.keys for alias in index.aliases)


def _with_shared_deeds(hits: list[Hit], index: Index, known: Vocabulary) -> list[Hit]:
    """«Ламинирование бровей и ресниц»: what is done to the first is done to the second, if there is such a service.

    So are «стрижку мне женскую, мужу мужскую».
    """
    result: list[Hit] = []
    deed: Hit | None = None
    area: Hit | None = None
    for place, hit in enumerate(hits):
        role = known.roles.get(hit.key)
        if role == "procedures" or hit.link in {"or", "not", "instead"}:
            deed, area = (hit if role == "procedures" else None), None
        is_for = hit.key in known.tables["who"]
        if role == "areas" or is_for:
            is_more = (
                area is not None
                and (area.key in known.tables["who"]) == is_for
                and hit.link == "and"
                and not _has_own_deed(hits, place, known)
            )
            if deed and area and is_more and _same_case(area, hit) and _is_offered_for(deed, hit, index, known):
                result.append(deed._replace(start=hit.start, end=hit.start, link="and", is_with=False, is_copy=True))
                result.append(hit._replace(link=""))
                area = hit
                continue
            area = hit
        result.append(hit)
    return result


def _has_own_deed(hits: list[Hit], place: int, known: Vocabulary) -> bool:
    """Whether something is done to it that is said after it: «коррекция бровей и ресницы нарастить»."""
    for hit in hits[place + 1 :]:
        if hit.link:
            return False
        if known.roles.get(hit.key) == "procedures":
            return True
    return False


def _same_case(first: Hit, second: Hit) -> bool:
    """«Ламинирование бровей и ресницы» may be two things; «бровей и ресниц» is one."""
    is_genitive = not first.word.endswith(tuple("аеиоуыюя"))
    return not (is_genitive and second.word.endswith(("ы", "и")))


def _with_shared_areas(hits: list[Hit], index: Index, known: Vocabulary) -> list[Hit]:
    """«Снять ресницы и нарастить новые»: what needs a part of the body and has none is done to the one before."""
    result: list[Hit] = []
    area: Hit | None = None
    for place, hit in enumerate(hits):
        result.append(hit)
        role = known.roles.get(hit.key)
        if role == "areas":
            area = hit
        elif role == "procedures" and area and hit.link == "and" and not _has_own_area(hits, place, known):
            belongs = known.tables["belongs"].get(hit.key)
            fits = area.key not in known.weak_areas and (not belongs or area.key in belongs)
            if fits and is_offered({hit.key, area.key}, index):
                result.append(area._replace(start=hit.end, end=hit.end, link="", is_copy=True))
        elif role == "procedures":
            area = area if area and is_offered({hit.key, area.key}, index) else None
    return result


def _has_own_area(hits: list[Hit], place: int, known: Vocabulary) -> bool:
    """Whether what follows says a part of the body, now or after one more «и»."""
    for hit in hits[place + 1 :]:
        if known.roles.get(hit.key) == "areas":
            return True
        if known.roles.get(hit.key.lstrip("-")) != "modifiers" and not hit.link:
            return False
    return False


def _is_offered_for(deed: Hit, hit: Hit, index: Index, known: Vocabulary) -> bool:
    """Whether something is done to a part of the body, or for people of a kind («сыну» is for children)."""
    kinds = known.parents.get(hit.key, frozenset()) if hit.key in known.tables["who"] else frozenset()
    return any(is_offered({deed.key, key}, index) for key in (hit.key, *kinds))


def _with_shared_kinds(hits: list[Hit], index: Index, known: Vocabulary) -> list[Hit]:
    """«Маникюр и педикюр с гель-лаком» are both with it, where the salon has no plain manicure that may be meant."""
    deeds = [place for place, hit in enumerate(hits) if known.roles.get(hit.key) == "procedures"]
    result = list(hits)
    for first, second in pairwise(deeds):
        if second != first + 1 or hits[second].link != "and":
            continue
        rest = hits[second + 1 :]
        is_kind = [known.roles.get(hit.key.lstrip("-")) == "modifiers" and not hit.link for hit in rest]
        kinds = rest[: is_kind.index(False) if False in is_kind else len(rest)]
        keys = {hit.key for hit in kinds}
        each = [{hits[at].key} | keys for at in (first, second)]
        is_plain = any(alias.keys == {hits[first].key} for alias in index.aliases)
        is_shared = all(is_offered(both, index) for both in each)
        is_for = is_offered(each[0], index) and keys <= set(known.tables["who"])
        if keys and not is_plain and (is_shared or is_for):
            end = hits[first].end
            copies = [hit._replace(start=end, end=end, is_copy=True) for hit in kinds]
            result[first + 1 : first + 1] = copies
            break
    return result
