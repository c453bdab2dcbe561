#include <iostream>

#include "apps/broker_flags.h"
#include "apps/command.h"
#include "apps/flags.h"
#include "apps/stop_signal.h"
#include "iuf/run/run_files.h"
#include "iuf/serve/http_server.h"
#include "tensor/error.h"

namespace iuf {
namespace {

struct ServeFlags {
  ServiceOptions service;
  HttpOptions http;
  BrokerFlags mqtt;
  double most_mib = 64;
};

int serve(ServeFlags& f, ProgressLine& progress) {
  if (http_library().empty())
    fail("this build has no server: it was built without Boost.Beast (Debian: libboost-dev); build it again with it");
  HttpOptions& o = f.http;
  if (o.token.empty() && !is_loopback(o.host))
    throw UsageError("serve: --host " + o.host + " can be reached from other computers: --token is needed, too");
  if (f.service.log.empty()) f.service.log = model_path(f.service.model).parent_path() / "verdicts.jsonl";
  if (f.service.log.extension() != ".jsonl")
    throw UsageError("serve: --append: '" + f.service.log.string() + "': a name that ends with .jsonl is needed");
  f.service.model = model_path(f.service.model);
  o.most_bytes = static_cast<size_t>(f.most_mib * (1 << 20));
  o.stop = stop_descriptor();
  const std::unique_ptr<VerdictPublisher> publisher = f.mqtt.publisher(progress);
  f.service.kept = hook_of(publisher.get());
  Service service(f.service, std::ref(progress));
  o.listening = [&](int port) {
    const std::string host = o.host.find(':') == std::string::npos || o.host[0] == '[' ? o.host : "[" + o.host + "]";
    progress.note("verdicts are kept in " + f.service.log.string());
    std::cout << "http://" << host << ":" << port << "/" << std::endl;
  };
  serve_http(service, o);
  if (publisher) publisher->finish();
  progress.note("stopped; the same command goes on, with the last verdicts");
  return 0;
}

}  // namespace

Action serve_command(CLI::App& app) {
  auto f = std::make_shared<ServeFlags>();
  f->http.port = 8077;
  add_model(app, f->service.model);
  app.add_option("--host", f->http.host, "the address to listen at; others than this computer's need --token")
      ->capture_default_str()
      ->type_name("ADDRESS");
  app.add_option("--port", f->http.port, "0: any that is free, which is printed")
      ->capture_default_str()
      ->check(within(range(0, 65535)))
      ->type_name("N");
  app.add_option("--token", f->http.token,
                 "that requests must carry; better in $IUF_TOKEN, where no list of processes shows it")
      ->envname("IUF_TOKEN")
      ->type_name("TEXT");
  app.add_option("--append", f->service.log, "the log, .jsonl; default: verdicts.jsonl beside the model")
      ->type_name("FILE");
  app.add_option("--most-mib", f->most_mib, "size of a request")
      ->capture_default_str()
      ->check(within(range(0.001, 4096)))
      ->type_name("X");
  f->mqtt.add(app);
  app.footer(
      "The address is printed once requests are taken; a web page is there, and the description of all requests at\n"
      "/api/openapi.json: curl --data-binary @image.png http://127.0.0.1:8077/api/judge. A model file that is "
      "replaced\n"
      "is used within a second. SIGTERM and SIGINT end with the requests at hand.");
  return [f](ProgressLine& progress) { return serve(*f, progress); };
}

}  // namespace iuf
