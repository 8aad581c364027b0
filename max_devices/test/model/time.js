/*
 * The main thread of Live: one queue, which Max calls the low-priority queue, and the clock.
 *
 * Two kinds of clock. The real one is for tests with real sockets. The drawn one stands still until
 * `advance`, so that eight seconds of silence take no time; with it there is no network but in memory.
 *
 * A stall (§4.1, trap 7): the queue stands still while time goes on and packets pile up.
 */
"use strict";

class MainThread {
  /** drawn: whether time moves only by `advance`. fault: called with what a job throws. */
  constructor({ drawn = false, fault }) {
    this.drawn = drawn;
    this.fault = fault;
    this.drawnNow = 1700000000000;
    this.queue = [];
    this.timers = new Set();
    this.stalledUntil = 0;
    this.running = false;
    this.planned = null;
    this.closed = false;
  }

  now() {
    return this.drawn ? this.drawnNow : Date.now();
  }

  /** Puts a job at the tail of the queue. */
  post(job) {
    if (this.closed) {
      return;
    }
    this.queue.push(job);
    this.plan();
  }

  /** A job for later; gives what `cancel` takes. It too goes through the queue when it is due. */
  after(ms, job) {
    const delay = Math.max(1, ms); // the scheduler ticks in milliseconds
    const timer = { due: this.now() + delay, job, handle: null };
    this.timers.add(timer);
    if (!this.drawn) {
      timer.handle = setTimeout(() => this.ring(timer), delay);
    }
    return timer;
  }

  /** A job of somebody outside of Live: it is done when it is due, whether Live stalls or not. */
  outside(ms, job) {
    return Object.assign(this.after(ms, job), { isOutside: true });
  }

  cancel(timer) {
    if (timer && this.timers.delete(timer)) {
      clearTimeout(timer.handle);
    }
  }

  /** Live does nothing for so long: it loads, freezes, saves. */
  stall(ms) {
    this.stalledUntil = this.now() + ms;
  }

  isStalled() {
    return this.now() < this.stalledUntil;
  }

  ring(timer) {
    if (!this.timers.delete(timer)) {
      return;
    }
    if (timer.isOutside) {
      timer.job();
    } else {
      this.post(timer.job);
    }
  }

  plan() {
    if (this.planned || this.running || this.closed || this.drawn) {
      return;
    }
    const wait = this.stalledUntil - this.now();
    const run = () => {
      this.planned = null;
      this.drain();
      if (this.queue.length > 0) {
        this.plan();
      }
    };
    this.planned = wait > 0 ? setTimeout(run, wait) : setImmediate(run);
  }

  /** Runs what is in the queue now, and what that adds, up to many jobs. */
  drain() {
    if (this.running || this.isStalled()) {
      return;
    }
    this.running = true;
    try {
      for (let left = 10000; this.queue.length > 0 && !this.isStalled(); left -= 1) {
        if (left === 0) {
          throw new Error("The queue of the main thread never empties: Live would hang.");
        }
        this.run(this.queue.shift());
        if (!this.drawn) {
          break; // one a turn, so that the sockets are read between
        }
      }
    } catch (fault) {
      this.fault(fault);
    } finally {
      this.running = false;
    }
  }

  run(job) {
    try {
      job();
    } catch (fault) {
      this.fault(fault);
    }
  }

  /** Lets drawn time pass, running what falls due in its order. */
  advance(ms) {
    const end = this.drawnNow + ms;
    this.drain();
    for (;;) {
      let next = null;
      for (const timer of this.timers) {
        if (timer.due <= end && (next === null || timer.due < next.due)) {
          next = timer;
        }
      }
      if (next === null) {
        break;
      }
      this.drawnNow = Math.max(this.drawnNow, next.due);
      this.ring(next);
      this.drain();
    }
    this.drawnNow = end;
    this.drain();
  }

  close() {
    this.closed = true;
    for (const timer of this.timers) {
      clearTimeout(timer.handle);
    }
    this.timers.clear();
    clearTimeout(this.planned);
    clearImmediate(this.planned);
    this.queue = [];
  }
}

module.exports = { MainThread };
