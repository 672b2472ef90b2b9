import { serve } from "../rpc/serve";
import { dockerProvider } from "./provider";

void serve(dockerProvider());
