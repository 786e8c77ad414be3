"""Benchmark of convlib: 30 layers of real networks, seven contestants, one report."""
