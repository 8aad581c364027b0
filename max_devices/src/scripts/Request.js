/* The atoms of a tool's request, in the order in which the protocol has them. */

var Request = {
  // From here on a seed names one take of pitches, and no choice is made; a knob shows all digits.
  MOST_SEED: 500000
};

/* values: by the names of the protocol's fields; those without a value get the protocol's own. */
Request.atoms = function (address, values) {
  var fields = PROTOCOL.messages[address].fields;
  var atoms = [];
  var i;
  var field;
  var value;
  for (i = 0; i < fields.length; i += 1) {
    field = fields[i];
    value = values[field.name];
    if (value === undefined) {
      value = field.fallback;
    }
    atoms.push(field.type === "s" ? Request.choice(field, value) : Request.number(field, value));
  }
  return atoms;
};

Request.number = function (field, value) {
  var number = Notes.between(value, field.low, field.high, field.fallback);
  return field.type === "i" ? Math.round(number) : number;
};

/* One of the words that the protocol has for a field, by its place among them. */
Request.choice = function (field, value) {
  if (typeof value === "number") {
    return field.choices[Math.min(field.choices.length - 1, Math.max(0, Math.round(value)))];
  }
  return String(value);
};

/* The seed that is set; where it is 0, another one each time. */
Request.seed = function (set) {
  return set > 0 ? Math.round(set) : 1 + Math.floor(Math.random() * (Request.MOST_SEED - 100));
};
