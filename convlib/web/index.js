/**
 * Everything: the modules that define a custom element, each named as its element. Notebooks load
 * this module; a page of the site loads the modules of the elements that it contains.
 */
import "./explorer/conv-explorer.js";
import "./explorer/groups-explorer.js";
