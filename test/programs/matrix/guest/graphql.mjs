// needs: graphql
import {
  buildSchema,
  graphql,
  introspectionFromSchema,
  parse,
  print,
  printSchema,
  subscribe,
  validate,
} from "graphql";

const schema = buildSchema(
  `"A planet" type Planet { name: String! moons(min: Int = 0): [Moon!]! } type Moon { name: String } type Query { planet(name: String!): Planet, planets: [Planet!]! } type Subscription { count: Int }`,
);
const planets = [
  { name: "Mars", moons: () => [{ name: "Phobos" }, { name: "Deimos" }] },
  {
    name: "Venus",
    moons: () => {
      throw new Error("has none");
    },
  },
];
const rootValue = { planets, planet: ({ name }) => planets.find((planet) => planet.name === name) };
console.log(
  JSON.stringify(
    await graphql({
      schema,
      rootValue,
      source:
        "query Q($n: String!) { planet(name: $n) { ...F } planets { name } } fragment F on Planet { name moons { name __typename } }",
      variableValues: { n: "Mars" },
    }),
  ),
);
console.log(
  JSON.stringify(await graphql({ schema, rootValue, source: "{ planets { name moons { name } } }" })),
);
console.log(
  validate(schema, parse("{ planet { nothing } }")).map(String),
  print(parse("{a(b:1){c}}")),
  printSchema(schema),
  JSON.stringify(introspectionFromSchema(schema)).length,
);
const events = await subscribe({
  schema,
  document: parse("subscription { count }"),
  rootValue: {
    count: async function* () {
      yield { count: 1 };
      yield { count: 2 };
    },
  },
});
for await (const event of events) console.log(JSON.stringify(event));
try {
  parse("{ a ");
} catch (error) {
  console.log(String(error));
}
