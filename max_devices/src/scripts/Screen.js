/* What leaves the script: messages for udpsend, for the controls, and the port for udpreceive. */

var Screen = {
  OSC: 0,
  CONTROLS: 1,
  LISTEN: 2,
  shown: {}
};

Screen.send = function (message) {
  outlet(Screen.OSC, message);
};

Screen.listen = function (port) {
  outlet(Screen.LISTEN, ["port", port]);
};

/* Tells a control of the patcher something, unless it was told just that before. */
Screen.tell = function (control, selector, value) {
  var key = control + " " + selector;
  if (Screen.shown[key] !== value) {
    Screen.shown[key] = value;
    outlet(Screen.CONTROLS, [control, selector, value]);
  }
};

Screen.write = function (comment, text) {
  Screen.tell(comment, "set", text);
};

Screen.enable = function (control, isActive) {
  Screen.tell(control, "active", isActive ? 1 : 0);
};

Screen.label = function (button, text) {
  Screen.tell(button, "text", text);
};

/* Asks every control for its value. */
Screen.askValues = function () {
  outlet(Screen.CONTROLS, ["all", "outputvalue"]);
};
