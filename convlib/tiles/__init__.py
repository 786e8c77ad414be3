"""Tiles: run a network on an image of any size, piece by piece, with the result of the whole.

A number of the output depends on its receptive field alone. So a piece of the image that has the
fields of a tile's numbers, and begins where the strides of the network begin again, gives exactly
the numbers of that tile.
"""

from convlib.tiles.planning import plan
from convlib.tiles.plans import Plan, Tile
from convlib.tiles.running import apply

__all__ = ["Plan", "Tile", "apply", "plan"]
