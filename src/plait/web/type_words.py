"""Value types and names of a declaration in the words of a language, for people who do not know Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plait.core.task.collection_type import CollectionType
from plait.core.task.declaration import Declaration
from plait.core.values.value_type import ValueType
from plait.types.enumeration import EnumerationType
from plait.types.optional import OptionalType
from plait.types.quotation.quotation_type import QuotationType
from plait.types.record import RecordType
from plait.types.reference import ReferenceType
from plait.types.union import UnionType
from plait.web import formatting
from plait.web.texts import PAGE_STRINGS, PageStrings
from plait.web.views import Language

CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
OR = " | "  # between alternatives; the pages write the word of the language


@dataclass(frozen=True)
class TypeWords:
    """The words of one declaration in one language. `labels` are the author's names for inputs, fields and classes."""

    strings: PageStrings
    labels: Mapping[str, str]

    def label(self, name: str) -> str:
        """The name of an input or field as a label: the author's, else made from the name."""
        return self.labels.get(name) or formatting.label(name)

    def name(self, name: str) -> str:
        """The name of a class, option or choice: the author's, else as in the code."""
        return self.labels.get(name, name)

    def field_label(self, record: ValueType, name: str) -> str:
        """The label of a field: the author's for the task, else its title, else made from its name."""
        fields = getattr(getattr(record, "model", None), "__pydantic_fields__", {})
        title = getattr(fields.get(name), "title", None)
        return self.labels.get(name) or title or formatting.label(name)

    def words(self, value_type: ValueType) -> str:
        """A type in words, alternatives separated by OR."""
        match value_type:
            case OptionalType():
                return f"{self.words(value_type.inner)}{OR}{self.strings.type_none}"
            case QuotationType():
                return self.words(value_type.inner)
            case ReferenceType():
                return self.strings.type_one_of.format(name=self.name(value_type.path[-1]))
            case RecordType():
                return self.class_name(value_type.display_name())
            case UnionType():
                return OR.join(self.class_name(tag) for tag, _ in value_type.options)
            case EnumerationType():
                return self.choices([str(each) for each in value_type.labels], value_type.display_name())
            case CollectionType():
                return self.strings.type_list.format(item=self.words(value_type.item))
            case _:
                return OR.join(map(self.plain_word, value_type.display_name().split(OR)))

    def plain_word(self, name: str) -> str:
        return getattr(self.strings, f"type_{name}", name)

    def class_name(self, name: str) -> str:
        """A class in words: `SetLevel` becomes "set level", unless the author has a name for it."""
        return self.labels.get(name) or CAPITAL.sub(" ", name).lower()

    def choices(self, labels: Sequence[str], display_name: str) -> str:
        if OR in display_name:
            return OR.join(map(self.name, labels))
        return self.strings.type_choice.format(count=len(labels))

    def parts(self, value_type: ValueType) -> str:
        """The fields of a record, or of those in a list; "" for other types and for many fields."""
        inner = value_type.item if isinstance(value_type, CollectionType) else value_type
        names = [self.field_label(inner, name).lower() for name, _ in inner.columns]
        return self.strings.list_separator.join(names) if 0 < len(names) <= 8 else ""


def type_words(declaration: Declaration, language: Language) -> TypeWords:
    return TypeWords(PAGE_STRINGS[language], declaration.labels.get(language, {}))


def purpose(declaration: Declaration, language: Language) -> str:
    """The purpose in the language, else the one for all languages; "" if the author gives none."""
    return declaration.purpose.get(language) or declaration.purpose.get("", "")
