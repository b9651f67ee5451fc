/* Debian's Courier looks for its sign-in and its user where the package would have put them. Loaded before its own
 * libraries, this shows it the world's: the socket named by CLIENTELE_AUTH_SOCKET, and the user `mail`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int connect(int socket, const struct sockaddr *to, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    const char *ours = getenv("CLIENTELE_AUTH_SOCKET");
    struct sockaddr_un other;
    if (ours && to->sa_family == AF_UNIX && strlen(ours) < sizeof other.sun_path) {
        memset(&other, 0, sizeof other);
        other.sun_family = AF_UNIX;
        strcpy(other.sun_path, ours);
        return real(socket, (const struct sockaddr *)&other, sizeof other);
    }
    return real(socket, to, length);
}

struct passwd *getpwnam(const char *name) {
    struct passwd *(*real)(const char *) = (struct passwd * (*)(const char *)) dlsym(RTLD_NEXT, "getpwnam");
    return real(strcmp(name, "courier") == 0 ? "mail" : name);
}

struct group *getgrnam(const char *name) {
    struct group *(*real)(const char *) = (struct group * (*)(const char *)) dlsym(RTLD_NEXT, "getgrnam");
    return real(strcmp(name, "courier") == 0 ? "mail" : name);
}
