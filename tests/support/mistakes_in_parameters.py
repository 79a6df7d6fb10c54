"""Mistakes in what a task takes, and in what its answer points at: the source, and what is told."""

IN_SLOTS: dict[str, tuple[str, str]] = {
    "a Ref to nothing": (
        '''@task
def f(text: str) -> Ref[Device]:
    """Read {text}."""
''',
        """RefError: f: Ref[Device] has nothing to refer to: no parameter has the type list[Device]
    my_tasks.py:10   def f(text: str) -> Ref[Device]:
                                         ^^^^^^^^^^^
  → add a parameter of type list[Device]""",
    ),
    "a Ref to nothing, with another list there": (
        '''@task
def f(texts: list[str]) -> Ref[Device]:
    """Read {texts}."""
''',
        """RefError: f: Ref[Device] has nothing to refer to: no parameter has the type list[Device]
    my_tasks.py:10   def f(texts: list[str]) -> Ref[Device]:
                                                ^^^^^^^^^^^
  → add a parameter of type list[Device]; there is texts: list[str]""",
    ),
    "a Ref to two things": (
        '''@task
def f(questions: list[str], passages: list[str]) -> list[Ref[str]]:
    """Read {questions} and {passages}."""
''',
        """RefError: f: Ref[str] could refer to questions and passages
    my_tasks.py:10   def f(questions: list[str], passages: list[str]) -> list[Ref[str]]:
                                                                              ^^^^^^^^
  → name one: Annotated[Ref[str], From("questions")]""",
    ),
    "a Ref of a name that is none": (
        '''@task
def f(passages: list[str]) -> Annotated[Ref[str], From("passage")]:
    """Read {passages}."""
''',
        """RefError: f: Ref[str] has nothing to refer to: no parameter has the type list[str] called passage
    my_tasks.py:10   def f(passages: list[str]) -> Annotated[Ref[str], From("passage")]:
                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  → add a parameter of type list[str]; there is passages: list[str]""",
    ),
    "a bare Ref": (
        '''@task
def f(passages: list[str]) -> Ref:
    """Read {passages}."""
''',
        """AnnotationError: f: Ref has no type to refer to
    my_tasks.py:10   def f(passages: list[str]) -> Ref:
                                                   ^^^
  → write Ref[Device], or Ref[...] with another type""",
    ),
    "a Ref in a parameter": (
        '''@task
def f(devices: list[Device], chosen: Ref[Device]) -> str:
    """Read {devices} and {chosen}."""
''',
        """RefError: f: a parameter has the type Ref[Device], but only an answer can refer to an input
    my_tasks.py:10   def f(devices: list[Device], chosen: Ref[Device]) -> str:
                                                          ^^^^^^^^^^^
  → write Device""",
    ),
    "a Ref into a list that only one option of a union has": (
        '''class House(BaseModel):
    devices: list[Device]

@task
def f(where: House | Device) -> Ref[Device]:
    """Read {where}."""
''',
        "RefError: f: Ref[Device] has nothing to refer to: no parameter has the type list[Device]",
    ),
    "a name that Plait uses": (
        '''@task
def f(model: str) -> str:
    """Read {model}."""
''',
        """ParameterError: f has a parameter called model, which is a reserved name
    my_tasks.py:10   def f(model: str) -> str:
                           ^^^^^
  → call it the_model; reserved names are answer, fallback, fresh, help, json, min_confidence, """
        """model, risk, rows, seed, shots, temperature, timeout, wording""",
    ),
    "a private name": (
        '''@task
def f(_text: str) -> str:
    """Read {_text}."""
''',
        "ParameterError: f has a parameter called _text",
    ),
    "any number of parameters": (
        '''@task
def f(*texts: str) -> str:
    """Read {texts}."""
''',
        """ParameterError: f takes *texts, but a task's parameters have names
    my_tasks.py:10   def f(*texts: str) -> str:
                            ^^^^^
  → write texts: list[...] instead""",
    ),
    "any named parameters": (
        '''@task
def f(**texts) -> str:
    """Read {texts}."""
''',
        "ParameterError: f takes **texts, but a task's parameters have names",
    ),
}
