export { fsBinding } from "./binding.js";
