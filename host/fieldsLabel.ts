/**
 * Label of a service some of whose fields the Docker plugin does not have, and the machine command sets. Its value stands for what they are to be
 * (components/service/taskFields.ts): a specification that does not hold them is one that the plugin wrote, or somebody changed.
 */
export const fieldsLabel = "vmcluster.fields";
