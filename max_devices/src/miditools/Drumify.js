/* Drumify as a note transformation of Live 12. */

var TOOL = {
  name: "Drumify",
  address: "drumify"
};
