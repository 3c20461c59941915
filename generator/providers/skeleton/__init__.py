"""The sourced skeleton: what `offline` says for each of the built-in prompts, and for any other.

Promises: every text is made of sentences that were given, with their citations, and says that no model was used; what a
machine cannot know is left to a person, as a gap or in a plain sentence. Will not do: invent, rephrase, or judge.
"""
