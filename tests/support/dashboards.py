"""Dashboards of Home Assistant, made by program."""

from typing import Any

from tests.support.home_assistant import HomeAssistant


async def saved(home: HomeAssistant, path: str, config: dict[str, Any]) -> str:
    """A dashboard with this content; its address."""
    fields = {"mode": "storage", "title": path, "require_admin": False, "show_in_sidebar": False}
    await home.command("lovelace/dashboards/create", url_path=path, **fields)
    await home.command("lovelace/config/save", url_path=path, config=config)
    return f"/{path}"


def of(*cards: dict[str, Any]) -> dict[str, Any]:
    """One view, with these cards below each other."""
    return {"views": [{"type": "sections", "sections": [{"type": "grid", "cards": list(cards)}]}]}
