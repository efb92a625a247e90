/**
 * A guest's boot that hands the program what a real one keeps from it: this is what an attacker holds
 * who has broken Node's library.
 */
import "./open-handout.js";
import "../../src/guest/main.js";
