"""What becomes of the texts in an operator's fields."""

from collections import namedtuple
from pathlib import Path
from typing import Any

import jinja2
import pytest

from flowctl.authoring import templates
from flowctl.authoring.context import Context
from flowctl.authoring.resolving import literal
from flowctl.authoring.templates import environment, render, render_fields


class Dag:
    render_template_as_native_obj = False

    def __init__(self, folder: Any = "/", **attributes: Any) -> None:
        self.folder = str(folder)
        self.__dict__.update(attributes)


class Operator:
    template_fields: tuple[str, ...] = ("text",)
    template_ext: tuple[str, ...] = (".sql",)
    task_id = "load"

    def __init__(self, text: Any, dag: Any = None) -> None:
        self.text = text
        self.dag = dag
        self.prepared = 0

    def prepare_template(self) -> None:
        self.prepared += 1


CONTEXT = Context({"ds": "2024-01-01", "n": 3, "items": [1, 2]})

Point = namedtuple("Point", "x y")


def rendered(value: Any, **dag: Any) -> Any:
    return render(value, CONTEXT, environment(Dag(**dag)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("{{ ds }}", "2024-01-01"),
        ("{% for i in items %}{{ i }},{% endfor %}", "1,2,"),
        ("a{# not this #}b", "ab"),
        ("one line\n", "one line"),
        ("{% do items.append %}", ""),
        (["{{ n }}", 1], ["3", 1]),
        (("{{ n }}", None), ("3", None)),
        ({"k": ["{{ n }}"], "{{ n }}": 1}, {"k": ["3"], "{{ n }}": 1}),
        ({"{{ n }}"}, {"3"}),
        (Point("{{ n }}", 2), Point("3", 2)),
        (literal("{{ n }}"), "{{ n }}"),
        (None, None),
        (7, 7),
    ],
)
def test_templates_are_rendered_wherever_they_stand(value: Any, expected: Any) -> None:
    result = rendered(value)

    assert result == expected
    assert type(result) is type(expected)


def test_native_rendering_gives_values() -> None:
    native = {"render_template_as_native_obj": True}

    assert rendered("{{ items }}", **native) == [1, 2]
    assert rendered("{{ n }}", **native) == 3
    assert rendered("{{ ds }}!", **native) == "2024-01-01!"


@pytest.mark.parametrize("native", [False, True])
def test_the_sandbox_keeps_what_is_internal(native: bool) -> None:
    with pytest.raises(jinja2.exceptions.SecurityError):
        rendered("{{ items.__class__.__mro__ }}", render_template_as_native_obj=native)


def test_an_unknown_name_is_an_error_unless_the_dag_says_otherwise() -> None:
    with pytest.raises(jinja2.UndefinedError, match="'what' is undefined"):
        rendered("{{ what }}")

    assert rendered("<{{ what }}>", template_undefined=jinja2.Undefined) == "<>"


def test_macros_and_filters_of_the_user_are_there_and_never_hide_the_context() -> None:
    text = "{{ twice(n) }} {{ n | minus }} {{ ds }}"
    result = rendered(
        text,
        user_defined_macros={"twice": lambda n: 2 * n, "ds": "hidden"},
        user_defined_filters={"minus": lambda n: -n},
    )

    assert result == "6 -3 2024-01-01"


def test_options_for_jinja_reach_it() -> None:
    options = {"variable_start_string": "<<", "variable_end_string": ">>"}

    assert rendered("<< n >> {{ n }}", jinja_environment_kwargs=options) == "3 {{ n }}"


def test_files_are_found_beside_the_dag_and_on_its_search_path(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "a.sql").write_text("select {{ n }} {% include 'b.sql' %}")
    (other / "b.sql").write_text("from {{ ds }}")
    dag = Dag(tmp_path, template_searchpath=[str(other)])

    loaded = Operator("a.sql", dag)
    templates.load_files(loaded)
    assert loaded.text.startswith("select {{ n }}")
    assert loaded.prepared == 1
    render_fields(loaded, CONTEXT)
    assert loaded.text == "select 3 from 2024-01-01"

    direct = Operator(["a.sql"], dag)
    render_fields(direct, CONTEXT)
    assert direct.text == ["select 3 from 2024-01-01"]


def test_a_text_without_marks_never_meets_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes a millisecond, and most texts are no templates."""
    env = environment(Dag())

    def refuse(*_: Any) -> None:
        raise AssertionError("compiled")

    monkeypatch.setattr(env, "from_string", refuse)
    assert render(["true", {"k": "100 %"}], CONTEXT, env) == ["true", {"k": "100 %"}]


def test_a_missing_file_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    operator = Operator("gone.sql", Dag(tmp_path))
    templates.load_files(operator)

    assert f"no template file 'gone.sql' in {tmp_path}" in caplog.text
    with pytest.raises(jinja2.TemplateNotFound):
        render_fields(operator, CONTEXT)


def test_objects_with_template_fields_are_rendered_and_may_know_each_other() -> None:
    class Inner:
        template_fields = ("text", "friend")

        def __init__(self) -> None:
            self.text = "{{ n }}"
            self.friend: Any = self

    operator = Operator({"inner": Inner()})
    render_fields(operator, CONTEXT)

    assert operator.text["inner"].text == "3"


def test_a_function_makes_the_value_of_its_field() -> None:
    operator = Operator(lambda context, jinja_env: context["n"] + 1)  # noqa: ARG005 - its signature
    render_fields(operator, CONTEXT)

    assert operator.text == 4


def test_an_empty_result_replaces_the_template() -> None:
    operator = Operator("{% if false %}x{% endif %}")
    render_fields(operator, CONTEXT)

    assert operator.text == ""


def test_a_field_that_is_not_there_is_an_error_that_names_it() -> None:
    operator = Operator("x")
    operator.template_fields = ("nothing",)
    with pytest.raises(AttributeError, match="names 'nothing', which task 'load' does not have"):
        render_fields(operator, CONTEXT)


def test_a_broken_template_is_logged_with_its_field(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError):
        render_fields(Operator("{{ n"), CONTEXT)

    assert "template of field 'text'" in caplog.text


def test_an_error_in_a_template_does_not_ask_for_the_whole_context() -> None:
    """Jinja shows local names in tracebacks; making all of ours could ask the metastore."""

    def never(_context: Context) -> None:
        raise AssertionError("asked for")

    with pytest.raises(jinja2.UndefinedError):
        render("{{ what }}", Context({}, {"expensive": never}), environment(Dag()))


def test_the_environment_of_a_dag_is_made_once_and_goes_with_it() -> None:
    dag = Dag()

    assert environment(dag) is environment(dag)
    assert environment(dag) is not environment(Dag())


def test_templates_compiled_beforehand_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    dag = Dag(tasks=[Operator({"k": ["{{ n }}"]}), Operator("{{ broken")])
    templates.compile_all(dag)

    def refuse(*_: Any) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(environment(dag), "from_string", refuse)
    assert render("{{ n }}", CONTEXT, environment(dag)) == "3"
