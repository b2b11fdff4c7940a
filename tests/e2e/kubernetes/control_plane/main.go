// The real Kubernetes control plane for tests, in one program:
//
//	control_plane etcd DIRECTORY                  etcd, on free ports of loopback
//	control_plane apiserver FLAG...               kube-apiserver, on a free port
//	control_plane controller-manager FLAG...      kube-controller-manager
//
// Each prints one line of JSON with its addresses once it listens, and ends
// when its standard input does, so that nothing outlives the tests. Each line
// that etcd reads there makes it forget all but the present, and tell when it has.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("name what to run: etcd, apiserver or controller-manager"))
	}
	compact := make(chan bool)
	go followStandardInput(compact)
	arguments := os.Args[2:]
	switch os.Args[1] {
	case "etcd":
		fail(runEtcd(arguments, compact))
	case "apiserver":
		fail(runAPIServer(arguments))
	case "controller-manager":
		command := controllers.NewControllerManagerCommand()
		command.SetArgs(arguments)
		announce(map[string]string{})
		os.Exit(cli.Run(command))
	default:
		fail(fmt.Errorf("unknown part %q", os.Args[1]))
	}
}

func followStandardInput(compact chan<- bool) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		compact <- true
	}
	os.Exit(0)
}

func fail(err error) {
	if err == nil {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func announce(facts map[string]string) {
	line, err := json.Marshal(facts)
	if err != nil {
		fail(err)
	}
	fmt.Println(string(line))
}

func runEtcd(arguments []string, compact <-chan bool) error {
	if len(arguments) != 1 {
		return fmt.Errorf("etcd needs the directory of its data")
	}
	config := embed.NewConfig()
	config.Dir = arguments[0]
	config.LogLevel = "error"
	// What it writes is thrown away with the test; no test pulls the plug.
	config.UnsafeNoFsync = true
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config.ListenClientUrls = anyPort
	config.ListenPeerUrls = anyPort
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	<-server.Server.ReadyNotify()
	announce(map[string]string{"client": "http://" + server.Clients[0].Addr().String()})
	for range compact {
		present := server.Server.KV().Rev()
		request := &etcdserverpb.CompactionRequest{Revision: present, Physical: true}
		if _, err := server.Server.Compact(context.Background(), request); err != nil {
			return err
		}
		announce(map[string]string{"compacted": strconv.FormatInt(present, 10)})
	}
	return nil
}

func runAPIServer(arguments []string) error {
	s := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("apiserver", pflag.ContinueOnError)
	for _, set := range s.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	registry := s.GenericServerRunOptions.ComponentGlobalsRegistry
	if err := registry.Set(); err != nil {
		return err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	// The flag takes no port 0, so the listener is made here.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.SecureServing.Listener = listener
	s.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	s.SecureServing.BindAddress = net.IPv4(127, 0, 0, 1)
	ctx := genericapiserver.SetupSignalContext()
	completed, err := s.Complete(ctx)
	if err != nil {
		return err
	}
	if errs := completed.Validate(); len(errs) != 0 {
		return utilerrors.NewAggregate(errs)
	}
	announce(map[string]string{"server": "https://" + listener.Addr().String()})
	return apiserver.Run(ctx, completed)
}
