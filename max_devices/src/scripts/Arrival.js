/* A take on its way in: its begin and its pieces come in any order, and twice. */

function Arrival(index) {
  this.index = index;
  this.frame = null;
  this.pieces = {};
  this.isWhole = false;
}

/* id, take, takes, seed and then the frame. */
Arrival.prototype.begin = function (values) {
  var fields = PROTOCOL.frameFields;
  var frame = {};
  var i;
  for (i = 0; i < fields.length; i += 1) {
    frame[fields[i].name] = Number(values[4 + i]);
  }
  this.takes = Number(values[2]);
  this.seed = Number(values[3]);
  this.frame = frame;
};

Arrival.prototype.piece = function (values) {
  var rows = [];
  var i;
  var j;
  var row;
  for (i = 3; i + PROTOCOL.atomsPerNote <= values.length; i += PROTOCOL.atomsPerNote) {
    row = [];
    for (j = 0; j < PROTOCOL.atomsPerNote; j += 1) {
      row.push(Number(values[i + j]));
    }
    rows.push(row);
  }
  this.pieces[Number(values[2])] = rows;
};

Arrival.prototype.count = function () {
  return Math.ceil(this.frame.count / PROTOCOL.notesPerPiece);
};

/* The pieces that have not come, as many as may be asked for at once; none asks for all. */
Arrival.prototype.missing = function () {
  var lacking = [];
  var i;
  if (!this.frame) {
    return lacking;
  }
  for (i = 0; i < this.count() && lacking.length < PROTOCOL.piecesListed; i += 1) {
    if (!this.pieces[i]) {
      lacking.push(i);
    }
  }
  return lacking;
};

/* Whether all has come and is what was sent; what is not is forgotten, and asked for again. */
Arrival.prototype.complete = function () {
  var i;
  var j;
  if (!this.frame || this.missing().length) {
    return false;
  }
  this.rows = [];
  for (i = 0; i < this.count(); i += 1) {
    for (j = 0; j < this.pieces[i].length; j += 1) {
      this.rows.push(this.pieces[i][j]);
    }
  }
  if (this.rows.length !== this.frame.count ||
      PROTOCOL.checksum(this.frame, this.rows) !== this.frame.checksum) {
    this.pieces = {};
    this.frame = null;
    return false;
  }
  this.isWhole = true;
  return true;
};

Arrival.prototype.result = function () {
  return {
    index: this.index,
    takes: this.takes,
    seed: this.seed,
    frame: this.frame,
    rows: this.rows
  };
};
