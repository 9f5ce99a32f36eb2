"""The catalogue of models: what each is, where its weights lie, under which licence."""

from platonic_atlas.engine.models.catalogue import catalogue, default_models, find_model, user_model

__all__ = ["catalogue", "default_models", "find_model", "user_model"]
