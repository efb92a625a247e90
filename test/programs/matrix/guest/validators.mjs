// needs: ajv, joi
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import Joi from "joi";

const ajv = new Ajv({ allErrors: true, code: { source: true } });
ajv.addKeyword({ keyword: "even", validate: (_schema, data) => data % 2 === 0 });
const validate = ajv.compile({
  type: "object",
  required: ["a"],
  properties: {
    a: { type: "integer", even: true },
    b: { type: "array", uniqueItems: true, items: { $ref: "#/definitions/x" } },
  },
  definitions: { x: { type: "string", pattern: "^x\\p{L}" } },
  additionalProperties: false,
});
for (const data of [{ a: 2 }, { a: 1, b: ["xa", "xa", "y"], c: 1 }, []])
  console.log(validate(data), validate.errors);
console.log(
  new Ajv2020().validate({ prefixItems: [{ const: 1 }], items: false, unevaluatedItems: false }, [1, 2]),
  validate.source.validateCode.length,
);
const schema = Joi.object({
  name: Joi.string().alphanum().min(3).required(),
  born: Joi.date().iso(),
  mail: Joi.string().email(),
  again: Joi.ref("name"),
}).with("mail", "born");
for (const value of [
  { name: "ada" },
  { name: "a!", mail: "x" },
  { name: "ada", mail: "a@b.com", born: "2020-01-01" },
]) {
  const { error, value: v } = schema.validate(value, { abortEarly: false });
  console.log(error?.message, v);
}
