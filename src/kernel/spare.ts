import {
  fitsHeap,
  type GuestImage,
  GuestThread,
  isOrdinary,
  noNeeds,
  type ThreadNeeds,
} from "./guest-thread.js";
import { complaintOf } from "./node-options/complaint.js";

/** How long an unused spare thread is kept, in milliseconds. */
const IDLE = 60_000;

/** The soft limit that spare threads are made for, in bytes. */
const SPARE_MEMORY = 256 * 1024 * 1024;

/** Keeps one guest thread booted, so that a call need not wait for it. */
export class SpareThread {
  readonly #image: GuestImage;
  readonly #refills: boolean;
  readonly #onReady: () => void;
  #thread: GuestThread | null = null;
  #drop: NodeJS.Timeout | undefined;
  /** A boot failed: another would too. */
  #broken = false;

  /**
   * `refills` tells whether a taken thread is followed by another. `onReady` is called each time that a
   * spare stands ready.
   */
  constructor(image: GuestImage, refills: boolean, onReady: () => void) {
    this.#image = image;
    this.#refills = refills;
    this.#onReady = onReady;
  }

  get ready(): boolean {
    return this.#thread?.ready === true;
  }

  /** Starts a thread after one was taken, unless there is one. */
  refill(): void {
    if (this.#refills) this.fill();
  }

  /** Starts a thread unless there is one. */
  fill(): void {
    if (this.#broken || this.#thread !== null) return;
    const thread = this.#make(SPARE_MEMORY, noNeeds);
    if (thread === null) return;
    this.#thread = thread;
    thread.follower = {
      ready: () => {
        this.#drop = setTimeout(() => this.#dismiss(), IDLE).unref();
        this.#onReady();
      },
      ended: () => {
        this.#broken = !thread.ready;
        if (this.#thread === thread) this.#thread = null;
      },
    };
  }

  /**
   * The spare thread, or a new one where that is missing or doesn't fit; either may still be booting. Null
   * where no thread can be had.
   */
  take(memory: number, needs: ThreadNeeds): GuestThread | null {
    const spare = this.#thread;
    if (spare === null || !isOrdinary(needs) || !fitsHeap(memory)) return this.#make(memory, needs);
    clearTimeout(this.#drop);
    this.#thread = null;
    spare.follower = {};
    return spare;
  }

  /** Ends the spare thread if it is the one with this id, which keeps the disk's lock. */
  dismissOwner(id: number): boolean {
    if (this.#thread?.id !== id) return false;
    this.#dismiss();
    return true;
  }

  #make(memory: number, needs: ThreadNeeds): GuestThread | null {
    try {
      return new GuestThread(this.#image, memory, needs);
    } catch (error) {
      if (complaintOf(error) !== null) throw error;
      // The system gives this machine no further thread.
      return null;
    }
  }

  #dismiss(): void {
    clearTimeout(this.#drop);
    const thread = this.#thread;
    this.#thread = null;
    thread?.worker.terminate();
  }
}
