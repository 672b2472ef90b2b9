/**
 * Takes one resource that exists into the state, without the program, as `pulumi import <type> <name> <id>` does: it becomes
 * a child of the stack, of the package's default provider. Specified by pkg/resource/deploy/import.go.
 */
import { DefaultProviders } from "./defaultProviders";
import type { Executor } from "./executor";
import { emptyGoal } from "./goal";
import type { ResourceState } from "./resourceState";
import type { ResolvedConfig } from "./stackConfig";
import { isDefaultProvider, packageOf, providerType, rootStackType } from "./urn";

export interface ImportRequest {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly protect: boolean;
}

export async function importResource(
  executor: Executor,
  base: readonly ResourceState[],
  where: { readonly project: string; readonly stack: string; readonly config: ResolvedConfig },
  request: ImportRequest,
): Promise<void> {
  const { type, name, id, protect } = request;
  const pkg = packageOf(type);
  const root = await executor.register({
    ...emptyGoal,
    type: rootStackType,
    name: `${where.project}-${where.stack}`,
  });
  // The one that the program's resources have, if there are any.
  const known = base.find((state) => state.type === providerType(pkg) && isDefaultProvider(state.urn));
  const version = typeof known?.inputs.version === "string" ? known.inputs.version : "";
  const defaults = new DefaultProviders(where.config, executor);
  await executor.register({
    ...emptyGoal,
    type,
    name,
    custom: true,
    parent: root.urn,
    provider: await defaults.get(pkg, version, ""),
    importId: id,
    protect,
    imported: true,
  });
}
