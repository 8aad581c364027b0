/* Groove as a note transformation of Live 12. */

var TOOL = {
  name: "Groove",
  address: "groove"
};
