"""Routes of the staff API are added when their resource is first asked for: none may lie where nobody looks for it."""

from __future__ import annotations

import importlib
import re

from support.functions import load_routes, modules_of


class Nobody:
    """An edge for routes that are only looked at."""

    def ping(self) -> None: ...


def nothing() -> None:
    """Where messengers or pictures would be made."""


def routes(resolver):
    return [*resolver._static_routes, *resolver._dynamic_routes]


def test_every_route_is_found_by_the_section_that_adds_it():
    with modules_of("http_admin"):
        resolver = importlib.import_module("staff_api.routes").build_routes(Nobody(), nothing, nothing)
        assert {route.path for route in routes(resolver)} == {"/healthz", "/readyz"}
        for section in list(resolver._sections._closed):
            before = {id(route) for route in routes(resolver)}
            section.add()
            added = [route.path for route in routes(resolver) if id(route) not in before]
            assert added, section.places
            assert [path for path in added if not section.holds(path)] == []
            for place in section.places:  # and none is loaded for nothing
                assert any(path.startswith(place) for path in added), place


def test_no_address_has_two_routes_so_that_it_does_not_matter_which_was_added_first():
    found = routes(load_routes("http_admin", Nobody(), nothing, nothing))
    for route in found:
        address = re.sub("<[^>]+>", "x1", route.path)
        same = [one.path for one in found if one.method == route.method and one.rule.match(address)]
        assert same == [route.path]
