"""Functions that become tasks."""

from datetime import datetime

from airflow.decorators import dag, task

POEM = """
The fog comes
on little cat feet
it sits looking
over harbor and city
on silent haunches
and then moves on
"""


@task
def read() -> list[str]:
    """Return the words of the poem."""
    return POEM.lower().split()


@task(multiple_outputs=True)
def count(words: list[str]) -> dict[str, int]:
    """Return two numbers, each an XCom of its own."""
    return {"words": len(words), "different": len(set(words))}


@task
def say(words: int, different: int) -> str:
    """Put the numbers into a sentence."""
    sentence = f"{words} words, {different} of them different"
    print(sentence)
    return sentence


@dag(
    schedule=None,
    start_date=datetime(2024, 1, 1),
    tags=["example"],
    doc_md="""
    **Teaches:** TaskFlow. A function under `@task` is a task; calling it inside a function under
    `@dag` puts it into the graph, and handing its result to the next one makes the link.

    `multiple_outputs` stores each key of the returned dictionary as its own XCom, so that
    `numbers["words"]` hands over one of them.
    """,
)
def word_count():
    numbers = count(read())
    say(numbers["words"], numbers["different"])


word_count_dag = word_count()

if __name__ == "__main__":
    word_count_dag.test()
