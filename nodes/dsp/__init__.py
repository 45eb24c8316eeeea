"""Jitted helpers that kernels share: marked with `@inline`, compiled into every kernel that uses them.

Each room has one subject: helpers for kernels, and what `prepare` computes for them. Nodes import the modules in it.
A room imports only the rooms that it names, and no room imports a node.
"""
