"""How fast convlib is beside others: 30 layers of real networks, seven contestants, one report."""
