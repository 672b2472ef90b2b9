import { serve } from "../rpc/serve";
import { commandProvider } from "./provider";

void serve(commandProvider());
