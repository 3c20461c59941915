"""Markdown as the merge sees it: blocks, front matter by key, sentences. Joined, the pieces of a text give back every byte."""
