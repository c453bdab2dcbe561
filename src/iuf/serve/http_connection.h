#pragma once

#include <functional>
#include <string>

#include "iuf/serve/http_message.h"
#include "iuf/serve/http_server.h"

namespace iuf {

/// What a request is answered with. `body` reads what follows the headers, at most once; a Refusal says what was wrong.
using AnswerHttp = std::function<HttpResponse(const HttpRequest& request, const std::function<std::string()>& body)>;

/// Reads one request from a socket that does not block, answers it, and closes the socket. Whatever the other side
/// does, it ends: the headers have HttpOptions::silence to arrive, the body and the answer HttpOptions::body_limit. An
/// exception of `answer` is answered, too. `count` gets the status before it is sent; of who does not ask there is
/// none.
void converse(int socket, const HttpOptions& options, const AnswerHttp& answer,
              const std::function<void(int status)>& count) noexcept;

}  // namespace iuf
