// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
import { warningText } from "../../../components/compose/place";
import { read } from "./converted";

it("shows files of variables what is from here, in `environment`, and in the files before", () => {
  const { plan, warnings } = read(
    {
      "compose.yml": `
services:
  web:
    image: web:1
    env_file: [one.env, two.env]
    environment: { HOST: db, GIVEN: , LATER: "3", AWAY: }
`,
      "one.env": "USER_NAME=ada\nLATER=1\nAWAY=1\nHOST=lost\n",
      "two.env": "URL=$USER_NAME@$HOST/$GIVEN/$LATER/$OUTSIDE\nOUTSIDE=lost\nNONE=$NOBODY_SET_THIS\n",
    },
    { variables: { GIVEN: "given", OUTSIDE: "outside" } },
  );
  expect(plan.services.web?.args.env).toEqual({
    USER_NAME: "ada",
    LATER: "3",
    HOST: "db",
    URL: "ada@db/given/3/outside",
    OUTSIDE: "lost",
    NONE: "",
    GIVEN: "given",
  });
  expect(warnings.map(warningText)).toEqual([
    expect.stringMatching(/two\.env:3: the variable NOBODY_SET_THIS is not set: it is taken as empty$/),
  ]);
});

it("warns of a variable in a file once, however many services have it", () => {
  const { warnings } = read({
    "compose.yml":
      "services: { a: { image: a, env_file: one.env }, b: { image: b, env_file: one.env, label_file: one.env } }",
    "one.env": "A=$NOBODY_SET_THIS\n",
    ".env": "B=$NOBODY_SET_THIS\n",
  });
  expect(warnings.map(warningText)).toEqual([
    expect.stringMatching(/\.env:1: the variable NOBODY_SET_THIS/),
    expect.stringMatching(/one\.env:1: the variable NOBODY_SET_THIS/),
  ]);
});

it("takes the later of an included file's files of variables", () => {
  const { plan } = read({
    "all.yml": "include: [{ path: part.yml, env_file: [one.env, two.env] }]\nservices: {}\n",
    "part.yml": "services: { a: { image: 'a:${V}' } }",
    "one.env": "V=1\nW=w\n",
    "two.env": "V=2$W\n",
  });
  expect(plan.services.a?.args.image).toBe("a:2w");
});
