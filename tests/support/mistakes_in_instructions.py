"""Mistakes in what a task says, and in what it does: the source, and what is told."""

IN_WORDS: dict[str, tuple[str, str]] = {
    "a placeholder that is nothing's name": (
        '''@task
def f(text: str) -> str:
    """Read {txet} and {text}."""
''',
        '''InstructionError: f mentions {txet}, which is not a parameter
    my_tasks.py:11   """Read {txet} and {text}."""
                              ^^^^
  → did you mean {text}?''',
    ),
    "a placeholder like nothing": (
        '''@task
def f(text: str, more: str) -> str:
    """
    Read {text}, {more}
    and {quite_other}.
    """
''',
        """InstructionError: f mentions {quite_other}, which is not a parameter
    my_tasks.py:13   and {quite_other}.
                          ^^^^^^^^^^^
  → its parameters are text, more""",
    ),
    "a placeholder without parameters": (
        '''@task
def f() -> str:
    """Read {it}."""
''',
        '''InstructionError: f mentions {it}, which is not a parameter
    my_tasks.py:11   """Read {it}."""
                              ^^
  → it has no parameters''',
    ),
    "a parameter never mentioned": (
        '''@task
def read_text(text: str, tex: str) -> str:
    """Read {text}."""
''',
        """InstructionError: read_text never mentions its parameter tex
    my_tasks.py:10   def read_text(text: str, tex: str) -> str:
                                              ^^^
  → put {tex} where it belongs in the docstring""",
    ),
    "a parameter never mentioned, on a line of its own": (
        '''@task
def read(
    text: str,
    language: Literal["en",
                      "zh"],
) -> str:
    """Read {text}."""
''',
        """InstructionError: read never mentions its parameter language
    my_tasks.py:12   language: Literal["en",
                     ^^^^^^^^
  → put {language} where it belongs in the docstring""",
    ),
    "a wording that mentions another": (
        '''@task(wordings={"zh": "请阅读{文本}。"})
def f(text: str) -> str:
    """Read {text}."""
''',
        """InstructionError: f in the wording 'zh' mentions {文本}, which is not a parameter
    my_tasks.py:9   @task(wordings={"zh": "请阅读{文本}。"})
                                                  ^^^^
  → its parameters are text""",
    ),
    "a wording that leaves one out": (
        '''@task(wordings={"zh": ["请阅读{text}。", "请阅读。"]})
def f(text: str) -> str:
    """Read {text}."""
''',
        """InstructionError: f in the wording 'zh' never mentions its parameter text
    my_tasks.py:10   def f(text: str) -> str:
                           ^^^^
  → put {text} where it belongs in the wording""",
    ),
    "a wording without words": (
        '''@task(wordings={"zh": []})
def f() -> str:
    """Say something."""
''',
        """InstructionError: f in the wording 'zh' has no instruction
    my_tasks.py:10   def f() -> str:
                         ^
  → write the instruction, or remove the wording""",
    ),
    "a statement": (
        '''@task
def f(text: str) -> str:
    """Read {text}."""
    print(text)
''',
        """BodyError: f has a body, but a task is answered by a model
    my_tasks.py:12   print(text)
                     ^^^^^^^^^^^
  → leave only the docstring and ...; to answer by code: @engine.answers(task)""",
    ),
    "a return of a parameter": (
        '''@task
def f(text: str) -> str:
    """Read {text}."""
    ...
    return text
''',
        """BodyError: f has a body, but a task is answered by a model
    my_tasks.py:13   return text
                     ^^^^^^^^^^^
""",
    ),
    "a return of a constant": (
        '''@task
def f(text: str) -> str:
    """Read {text}."""
    return ""
''',
        "BodyError: f has a body",
    ),
    "a return of ...": (
        '''@task
def f(text: str) -> str:
    """Read {text}."""
    return ...
''',
        "BodyError: f has a body",
    ),
    "a loop over nothing": (
        '''@task
def f(text: str) -> str:
    """Read {text}."""
    while True:
        pass
''',
        "BodyError: f has a body",
    ),
    "not yet implemented": (
        '''@task
def f(text: str) -> str:
    """Read {text}."""
    raise NotImplementedError
''',
        "BodyError: f has a body",
    ),
    "a generator": (
        '''@task
def f(text: str) -> list[str]:
    """Read {text}."""
    yield
''',
        """BodyError: f has a body, but a task is answered by a model
    my_tasks.py:12   yield
                     ^^^^^
""",
    ),
    "an async def": (
        '''@task
async def f(text: str) -> str:
    """Read {text}."""
    ...
''',
        """BodyError: f is an async def, but a task is declared with def
    my_tasks.py:10   async def f(text: str) -> str:
                     ^^^^^
  → remove the async; to wait for an answer: await task.acall(...)""",
    ),
    "an async generator": (
        '''@task
async def f(text: str) -> str:
    """Read {text}."""
    yield
''',
        "BodyError: f is an async def",
    ),
    "no docstring": (
        """@task
def f(text: str) -> str: ...
""",
        '''InstructionError: f has no docstring: it is the instruction for the model
    my_tasks.py:10   def f(text: str) -> str: ...
                         ^
  → write one: """Read the invoice {text} and fill in its fields."""''',
    ),
    "an empty docstring": (
        '''@task
def f(text: str) -> str:
    """ """
''',
        "InstructionError: f has no docstring",
    ),
    "an f-string": (
        """@task
def f(text: str) -> str:
    f'''Read {HEAD}.'''
""",
        """InstructionError: f has an f-string where its docstring should be
    my_tasks.py:11   f'''Read {HEAD}.'''
                     ^^^^^^^^^^^^^^^^^^^
  → remove the f: Plait fills in the {names} itself""",
    ),
}
