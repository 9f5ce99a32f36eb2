"""Modules of the page, put together into one text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from platonic_atlas.dashboard.components import modules

Written = Callable[[dict[str, str]], None]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Modules in place of those in dashboard/assets."""

    def write(texts: dict[str, str]) -> None:
        monkeypatch.setattr(modules, "asset", texts.__getitem__)

    modules._body.cache_clear()
    yield write
    modules._body.cache_clear()


def test_a_module_stands_once_and_behind_what_it_imports(written: Written) -> None:
    written(
        {
            "view.js": 'import { a } from "./parts/a.js";\nimport {\n  b,\n} from "./parts/b.js";\nexport const c = a + b;\n',
            "parts/a.js": 'import { b } from "./b.js";\nconst own = 1;\nexport const a = b + own;\n',
            "parts/b.js": "const own = 2;\nexport function b() {}\nexport class B {}\n",
        }
    )
    assert modules.bundle("view.js") == (
        "const module_parts_b = (() => {\nconst own = 2;\nfunction b() {}\nclass B {}\nreturn { b, B };\n})();\n"
        "const module_parts_a = (() => {\nconst { b } = module_parts_b;\nconst own = 1;\nconst a = b + own;\n"
        "return { a };\n})();\n"
        "const { a } = module_parts_a;\nconst { b, } = module_parts_b;\nexport const c = a + b;\n"
    )


def test_another_name_for_what_is_imported(written: Written) -> None:
    written({"view.js": 'import { a as b } from "./a.js";\n', "a.js": "export const a = 1;\n"})
    assert "const { a: b } = module_a;" in modules.bundle("view.js")


def test_modules_that_import_each_other_are_refused(written: Written) -> None:
    written({"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'})
    with pytest.raises(ValueError, match=r"a\.js → b\.js → a\.js"):
        modules.bundle("a.js")


@pytest.mark.parametrize("line", ["export default 1;", 'import all from "./b.js";', "export { a };"])
def test_forms_that_are_not_read_are_refused(written: Written, line: str) -> None:
    written({"a.js": f"{line}\n"})
    with pytest.raises(ValueError, match=r"dashboard/assets/a\.js has the line"):
        modules.bundle("a.js")
