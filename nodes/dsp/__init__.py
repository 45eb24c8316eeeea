"""Jitted helpers that kernels share: marked with `@helper`, compiled into every kernel that uses them."""
