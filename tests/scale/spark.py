"""spark.py DSRUN RECORDS WORKDIR: the example of doc/SCALE.md on a local cluster of Spark: pipe, sort, pipe.

Prints the result of the reduce.  RECORDS: what `dsrun cat -f jsonl` writes."""
import sys

from pyspark import SparkConf, SparkContext

dsrun, records, workdir = sys.argv[1:4]
conf = (SparkConf().setMaster("local-cluster[2,1,512]").setAppName("ds")
        .set("spark.ui.enabled", "false").set("spark.local.dir", workdir).set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1").set("spark.executor.memory", "512m"))
sc = SparkContext(conf=conf)
sc.setLogLevel("ERROR")
result = (sc.textFile(records, minPartitions=5)
          .pipe(f"{dsrun} -q --map pricewar", checkCode=True)
          .sortBy(lambda line: line.split("\t", 1)[0], numPartitions=1)
          .pipe(f"{dsrun} -q --reduce -f jsonl pricewar", checkCode=True))
for line in result.collect():
    print(line)
sc.stop()
