// needs: zod
import { z } from "zod";

const user = z.object({ name: z.string().min(2), age: z.number().int().optional(), mail: z.email() });
console.log(user.parse({ name: "Ada", mail: "ada@example.com" }));
console.log(JSON.stringify(user.safeParse({ name: "A", age: 1.5, mail: "x" }).error.issues, null, 1));
console.log(z.toJSONSchema(user));
