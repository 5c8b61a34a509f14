"""The JSON Schema of files, from the models that check them."""

from typing import Any

from .models import Document

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document."""
    found: dict[str, Any] = Document.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "Pairs as they should be"}
