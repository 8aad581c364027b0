/* Time, and what is done later. Tasks that nobody holds are lost, so all of them are held here. */

var Clock = {
  waiting: {},
  number: 0
};

Clock.now = function () {
  return new Date().getTime();
};

/* Does something once, in so many milliseconds, outside of whatever goes on now. */
Clock.soon = function (action, milliseconds) {
  var number = Clock.number = Clock.number + 1;
  var task = new Task(function () {
    Device.guarded(action);
    delete Clock.waiting[number];
  });
  Clock.waiting[number] = task;
  task.schedule(milliseconds);
};

/* Does something for ever. */
Clock.every = function (action, milliseconds) {
  if (Clock.beat) {
    Clock.beat.cancel();
  }
  Clock.beat = new Task(function () {
    Device.guarded(action);
  });
  Clock.beat.interval = milliseconds;
  Clock.beat.repeat(-1);
};
